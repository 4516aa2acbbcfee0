import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router';
import { makeQueryClient } from './api/query-client';
import { preferences } from './app/preferences';
import { makeRouter } from './app/router';
import { allowOwnStyles } from './app/style-nonce';
import { Theme } from './app/theme';
import { startTexts } from './i18n';
import { startLive } from './live/live';
import './styles.css';

allowOwnStyles();
const queries = makeQueryClient();
startLive(queries);
await startTexts(preferences().language);

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Theme>
        <RouterProvider router={makeRouter()} />
      </Theme>
    </QueryClientProvider>
  </StrictMode>,
);
