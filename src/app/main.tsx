import { exportClient } from '../worker/export-client';
import { ImportClient } from '../worker/import-client';
import { TrainingClient } from '../worker/training-client';
import { mount } from './mount';
import { keepOffline } from './offline';

const session = mount(document.getElementById('root')!, {
  training: (listener) => new TrainingClient(listener),
  imports: () => new ImportClient(),
  exports: () => exportClient(),
  onnx: async () => (await import('../worker/onnx-client')).onnxClient(),
  // Begun at once, but not needed to paint.
  storage: async (onWait) => (await import('../storage/storage')).openStorage(onWait),
});

// After the first paint and the first run's files: its own list is all of the page.
window.addEventListener('load', () => window.setTimeout(() => keepOffline(session), 2000), { once: true });
