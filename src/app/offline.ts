/** Makes the page work without a network after its first load, and shows a notice when there is a newer one. */
import type { Session } from './store/session';

/** How often a page that stays open asks for a newer version, in milliseconds. */
const askAgain = 60 * 60 * 1000;

export function keepOffline({ view }: Pick<Session, 'view'>): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const { serviceWorker } = navigator;

  const offer = (waiting: ServiceWorker) =>
    view.getState().notify({
      tone: 'info',
      title: 'A new version is ready',
      text: 'It comes with the next reload. A run that is on can go on from its last save afterwards.',
      action: {
        label: 'Reload',
        act: () => {
          serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
          waiting.postMessage('take over');
        },
      },
    });

  const watch = (registration: ServiceWorkerRegistration) => {
    // Where none is active the one that arrives is the first, which has nothing to take over. That is asked when it
    // begins to arrive: WebKit may tell that it is installed when it already controls the page.
    if (registration.waiting && registration.active) offer(registration.waiting);
    registration.addEventListener('updatefound', () => {
      const arriving = registration.installing;
      if (!registration.active) return;
      arriving?.addEventListener('statechange', () => {
        if (arriving.state === 'installed') offer(arriving);
      });
    });
    window.setInterval(() => void registration.update().catch(() => undefined), askAgain);
  };

  // Where it cannot be had (a private window, a page without https) the page works with a network only. Some browsers
  // then throw, some give a promise of nothing, and some nothing at all.
  void (async () => {
    try {
      const registration = (await serviceWorker.register(new URL('service-worker.js', document.baseURI))) as
        | ServiceWorkerRegistration
        | undefined;
      if (registration) watch(registration);
    } catch {
      // It is not to be had.
    }
  })();
}
