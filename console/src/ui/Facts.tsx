import type { ReactNode } from 'react';
import styles from './Facts.module.css';

export interface Fact {
  label: ReactNode;
  value: ReactNode;
  /** Where the value comes from, or what it means. */
  hint?: ReactNode;
}

/** Names and values under a heading. */
export function Facts({ title, facts, extra }: { title: string; facts: Fact[]; extra?: ReactNode }) {
  return (
    <section className={styles.card} aria-label={title}>
      <div className={styles.head}>
        <h2>{title}</h2>
        {extra}
      </div>
      <dl className={styles.list}>
        {facts.map(({ label, value, hint }, index) => (
          <div key={index} className={styles.fact}>
            <dt>{label}</dt>
            <dd>
              {value ?? <span aria-hidden="true">–</span>}
              {hint && <div className={styles.hint}>{hint}</div>}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
