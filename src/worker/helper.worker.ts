/** A helper thread of the training worker: takes its order, then computes until it is ended. */
import { help, type HelperOrder } from '../engine/wasm/threads/helper';

self.onmessage = ({ data }: MessageEvent<HelperOrder>) => {
  self.postMessage('ready');
  help(data);
  self.close();
};
