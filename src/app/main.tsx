import { ExportClient } from '../worker/export-client';
import { ImportClient } from '../worker/import-client';
import { TrainingClient } from '../worker/client';
import { mount } from './mount';

mount(document.getElementById('root')!, {
  training: (listener) => new TrainingClient(listener),
  imports: () => new ImportClient(),
  exports: () => new ExportClient(),
});
