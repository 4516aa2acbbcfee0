import { useEffect } from 'react';

/** The tab's title: "word-count · Weir". */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Weir`;
  }, [title]);
}
