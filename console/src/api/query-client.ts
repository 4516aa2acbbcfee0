import { QueryClient } from '@tanstack/react-query';
import { isPassing } from './errors';

/** The feed keeps what is shown up to date, so nothing is asked again only because time went by. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // A server on this machine answers while the browser thinks that it is offline.
        networkMode: 'always',
        staleTime: 60_000,
        gcTime: 5 * 60_000,
        refetchOnWindowFocus: false,
        retry: (failures, error) => isPassing(error) && failures < 3,
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}
