import { useTranslation } from 'react-i18next';
import type { ObservedState } from '../../api/types';
import { StateBadge } from '../../ui/StateBadge';
import { OBSERVED_STATES } from './filter';
import styles from './DeploymentsPage.module.css';

interface Props {
  counts: ReadonlyMap<ObservedState, number>;
  states: ObservedState[];
  onChange: (states: ObservedState[]) => void;
}

/** How many deployments are in each state; choosing some shows only those. */
export function StateFilter({ counts, states, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <div className={styles.states} role="group" aria-label={t('deployments.filterState')}>
      {OBSERVED_STATES.filter((state) => counts.has(state) || states.includes(state)).map((state) => {
        const on = states.includes(state);
        return (
          <button
            key={state}
            type="button"
            aria-pressed={on}
            className={styles.state}
            onClick={() => onChange(on ? states.filter((other) => other !== state) : [...states, state])}
          >
            <StateBadge state={state} quiet />
            <span className={styles.stateCount}>{counts.get(state) ?? 0}</span>
          </button>
        );
      })}
    </div>
  );
}
