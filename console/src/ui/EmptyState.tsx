import type { ReactNode } from 'react';
import styles from './EmptyState.module.css';

/** In the place of a list without items: what belongs here and what to do next. */
export function EmptyState({ title, hint, action }: { title: string; hint?: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.empty} role="status">
      <svg viewBox="0 0 64 40" width="96" height="60" aria-hidden="true">
        <path d="M2 12c6 0 6 6 12 6s6-6 12-6 6 6 12 6 6-6 12-6 6 6 12 6" />
        <path d="M2 26h60M12 30v8M24 30v8M36 30v8M48 30v8" />
      </svg>
      <div className={styles.title}>{title}</div>
      {hint && <div className={styles.hint}>{hint}</div>}
      {action && <div className={styles.action}>{action}</div>}
    </div>
  );
}
