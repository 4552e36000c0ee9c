import './theme/styles';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { openPage } from './open-page';
import type { Ports } from './ports';
import { PanelErrorBoundary } from './shell/PanelErrorBoundary';
import { SessionContext } from './store/hooks';
import { createSession, type Session } from './store/session';
import { theme } from './theme/theme';

/** Puts the page into an element. The workers come from outside, so that tests can give their own. */
export function mount(root: HTMLElement, ports: Ports): Session {
  const session = createSession(ports);
  openPage(session);
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto">
        <SessionContext value={session}>
          <PanelErrorBoundary name="The page">
            <App />
          </PanelErrorBoundary>
        </SessionContext>
      </MantineProvider>
    </StrictMode>,
  );
  return session;
}
