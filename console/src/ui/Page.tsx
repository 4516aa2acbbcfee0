import type { ReactNode } from 'react';
import styles from './Page.module.css';
import { useTitle } from './useTitle';

/** A page of settings: heading, what it is for, its actions, its content. */
export function Page({ title, hint, actions, children }: { title: string; hint?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  useTitle(title);
  return (
    <div className={styles.page}>
      <div className={styles.top}>
        <div>
          <h1>{title}</h1>
          {hint && <p className="soft">{hint}</p>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </div>
      {children}
    </div>
  );
}
