import { ArrowRightOutlined } from '@ant-design/icons';
import { Tooltip } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Deployment } from '../../api/types';
import { CopyIcon } from '../../ui/ErrorState';
import { StateBadge } from '../../ui/StateBadge';
import { Age } from '../../ui/TimeText';
import { flinkVersionOf, isProduction, stateSince } from '../deployments/filter';
import { DeploymentActions } from './DeploymentActions';
import styles from './DeploymentPage.module.css';

/** Which deployment this is, how it is, and what can be done with it. */
export function DeploymentHeader({ deployment }: { deployment: Deployment }) {
  const { t } = useTranslation();
  const { name = '', displayName, labels = {} } = deployment.metadata;
  const template = deployment.spec?.template?.spec;
  return (
    <div className={styles.header}>
      <div className={styles.identity}>
        <div className={styles.title}>
          <h1>{displayName ?? name}</h1>
          <CopyIcon text={name} label={t('deployment.copyName')} />
        </div>
        <div className={styles.facts}>
          <Tooltip title={t('deployment.statesHint')}>
            <span className={styles.states}>
              <span className="visually-hidden">{t('field.desired')}</span>
              <StateBadge state={deployment.spec?.state} quiet />
              <ArrowRightOutlined aria-hidden />
              <span className="visually-hidden">{t('field.observed')}</span>
              <StateBadge state={deployment.status?.state} />
            </span>
          </Tooltip>
          <span>
            {t('deployment.since')} <Age time={stateSince(deployment)} />
          </span>
          {displayName && displayName !== name && <code className="mono">{name}</code>}
          <span>Flink {flinkVersionOf(deployment) ?? t('field.default')}</span>
          <span>{t('deployment.parallelism', { count: template?.parallelism ?? 1 })}</span>
          {!isProduction(deployment) && (
            <span className={`${styles.label} ${styles.spared}`} title={t('deployments.notProductionHint')}>
              {t('deployments.notProduction')}
            </span>
          )}
          {Object.entries(labels).map(([key, value]) => (
            <span key={key} className={styles.label}>
              {key}:{value}
            </span>
          ))}
        </div>
      </div>
      <DeploymentActions deployment={deployment} />
    </div>
  );
}
