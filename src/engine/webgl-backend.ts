/** In a script of its own, which comes when this backend is needed. */
import '@tensorflow/tfjs-backend-webgl';
