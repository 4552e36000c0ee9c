import { mount } from '../../src/app/mount';
import { FakeExports } from './fake-exports';
import { FakeImports } from './fake-imports';
import { FakeTraining } from './fake-training';

mount(document.getElementById('root')!, {
  training: (listener) => new FakeTraining(listener),
  imports: () => new FakeImports(),
  exports: () => new FakeExports(),
});
