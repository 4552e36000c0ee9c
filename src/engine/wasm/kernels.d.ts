declare module 'virtual:wasm-kernels' {
  /** The compiled kernels of `assembly/`, deflated, in base64. */
  const base64: string;
  export default base64;
}
