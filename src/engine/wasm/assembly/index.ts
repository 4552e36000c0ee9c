/** Kernels for training on the processor. They use the memory of TensorFlow.js, and none of their own. */
export * from './arrays';
export * from './convolution';
export * from './depthwise';
export * from './elements';
export * from './filter-gradient';
export * from './functions';
export * from './input-gradient';
export * from './losses';
export * from './norm';
export * from './picked';
export * from './pool';
export * from './resample';
export * from './row-losses';
