import { ArrowRightOutlined } from '@ant-design/icons';
import { Checkbox } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useLastEvent } from '../../api/jobs';
import type { Deployment } from '../../api/types';
import { eventLine } from '../../ui/ServerText';
import { StateBadge } from '../../ui/StateBadge';
import { Age } from '../../ui/TimeText';
import { flinkVersionOf, isProduction, stateSince } from './filter';
import styles from './DeploymentTable.module.css';

interface Props {
  deployment: Deployment;
  index: number;
  top: number;
  height: number;
  selected: boolean;
  onToggle: () => void;
  onLabel: (key: string, value: string) => void;
}

const MOST_LABELS = 3;

function Labels({ deployment, onLabel }: Pick<Props, 'deployment' | 'onLabel'>) {
  const { t } = useTranslation();
  const labels = Object.entries(deployment.metadata.labels ?? {});
  const spared = !isProduction(deployment);
  if (labels.length === 0 && !spared) return null;
  const rest = labels.slice(MOST_LABELS);
  return (
    <span className={styles.labels}>
      {spared && (
        <button
          type="button"
          className={`${styles.label} ${styles.spared}`}
          title={t('deployments.filterLabel', { label: 'production:false' })}
          onClick={() => onLabel('production', 'false')}
        >
          {t('deployments.notProduction')}
        </button>
      )}
      {labels.slice(0, MOST_LABELS).map(([key, value]) => (
        <button
          key={key}
          type="button"
          className={styles.label}
          title={t('deployments.filterLabel', { label: `${key}:${value}` })}
          onClick={() => onLabel(key, value)}
        >
          {key}:{value}
        </button>
      ))}
      {rest.length > 0 && (
        <span className={styles.more} title={rest.map(([key, value]) => `${key}:${value}`).join('\n')}>
          +{rest.length}
        </span>
      )}
    </span>
  );
}

function LastEvent({ id }: { id: string }) {
  const { t, i18n } = useTranslation();
  const { data } = useLastEvent(id);
  if (!data) return <span className="soft">–</span>;
  const { metadata, spec } = data;
  return (
    <span className={styles.event} title={spec?.message}>
      {eventLine(t, i18n.language, metadata.name, spec?.reason, spec?.message)}
    </span>
  );
}

export function DeploymentRow({ deployment, index, top, height, selected, onToggle, onLabel }: Props) {
  const { t } = useTranslation();
  const { id, name = '' } = deployment.metadata;
  const state = deployment.status?.state;
  const desired = deployment.spec?.state;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      className={styles.row}
      style={{ height, transform: `translateY(${top}px)` }}
    >
      <div role="cell" className={styles.check}>
        <Checkbox checked={selected} onChange={onToggle} aria-label={t('deployments.select', { name })} />
      </div>
      <div role="cell" className={styles.name}>
        <Link to={`/deployments/${encodeURIComponent(name)}/overview`} title={name}>
          {name}
        </Link>
        <Labels deployment={deployment} onLabel={onLabel} />
      </div>
      <div role="cell" className={styles.desired}>
        <StateBadge state={desired} quiet />
        <ArrowRightOutlined className={styles.arrow} />
      </div>
      <div role="cell" className={styles.observed}>
        <StateBadge state={state} />
      </div>
      <div role="cell" className={styles.version}>
        {flinkVersionOf(deployment) ?? <span className="soft">{t('field.default')}</span>}
      </div>
      <div role="cell" className={styles.parallelism}>
        {deployment.spec?.template?.spec?.parallelism ?? 1}
      </div>
      <div role="cell" className={styles.last}>
        <LastEvent id={id} />
      </div>
      <div role="cell" className={styles.age}>
        <Age time={stateSince(deployment)} />
      </div>
    </div>
  );
}
