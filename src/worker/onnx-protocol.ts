/** Messages between the page and the worker that runs ONNX models: types only. */
import type { SavedOnnx } from './compare-onnx';
import type { SetRef } from '../storage/set-handle';
import type { ModelOptions } from '../export/model-source';
import type { LoadedBack, ModelCheck, OnnxChoices, OnnxFound } from '../training/onnx/about';

export interface OnnxOrder {
  /** The model, and files that hold its weights; passed by reference. */
  files: { path: string; bytes: Blob }[];
  set: SetRef;
}

/** What a recorded teacher is made of. */
interface OnnxAnswers {
  /** Digest of model, set and choices: the teacher's name in recipes. */
  id: string;
  files: { path: string; bytes: Blob }[];
  /** On how it was asked. */
  note: string;
}

export interface QuantiseOrder {
  /** Weights as `weights` of the training worker returns them. */
  safetensors: Uint8Array<ArrayBuffer>;
  learner: string;
  /** Title of the run. */
  run: string;
  /** Input of the saved model. */
  feed: ModelOptions['feed'];
  check: ModelCheck;
}

export interface QuantisedModel {
  bytes: Uint8Array<ArrayBuffer>;
  /** Of the float file. */
  floatBytes: number;
  /** [M*outputs] of the float model and of that in eight bits, on the test instances of the check. */
  answers: [float: Float32Array, int8: Float32Array];
  /** Of the float model. */
  loadedBack: LoadedBack;
}

/** Each call rejects with a sentence: why the model cannot teach on this set. */
export type OnnxProtocol = {
  calls: {
    /** Opens the model and tries how it reads its input. */
    inspect: { takes: OnnxOrder; gives: OnnxFound };
    /** What it shows of the whole set; what was computed before is not computed again. */
    answers: { takes: OnnxOrder & { choices: OnnxChoices }; gives: OnnxAnswers };
    /**
     * The same without a question, each model asked in the way that was found best: several models are several teachers.
     * @param features whether a single model's inner features are kept too, as far as there is room
     */
    together: { takes: OnnxOrder & { features: boolean }; gives: OnnxAnswers & { lines: string[] } };
    /** A network of the page in eight bits, run beside the float model. */
    quantise: { takes: QuantiseOrder; gives: QuantisedModel };
    /** A model that was made to be saved, loaded back. */
    compare: { takes: SavedOnnx; gives: LoadedBack };
  };
  part: never;
  gathered: never;
  command: never;
  event: never;
};
