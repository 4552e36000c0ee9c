// The page loads this chunk when it needs it, which may be as a test file ends; here it is loaded from the start.
import '../../../src/app/recipe/propose-pair';

export * from '../../../src/app/store/session';
