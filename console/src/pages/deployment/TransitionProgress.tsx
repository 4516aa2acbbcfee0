import { CheckOutlined, LoadingOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import type { Deployment, Job } from '../../api/types';
import { formatDuration, useNow } from '../../format/time';
import { ServerText } from '../../ui/ServerText';
import { TimeText } from '../../ui/TimeText';
import { type StepName, stepsOf } from './transition';
import styles from './DeploymentPage.module.css';

/** How far the transition is that is under way. */
export function TransitionProgress({ deployment, job }: { deployment: Deployment; job?: Job }) {
  const { t } = useTranslation();
  const now = useNow();
  const transition = deployment.status?.transition;
  if (!transition) return null;
  const since = transition.since ? now - Date.parse(transition.since) : 0;
  return (
    <section className={styles.progress} aria-label={t('transition.title')}>
      <div className={styles.progressHead}>
        <strong>{t(`transition.kind.${transition.kind as 'START'}`, { defaultValue: transition.kind })}</strong>
        {transition.way && <span>{t(`way.${transition.way as 'WARM_SWAP'}`, { defaultValue: transition.way })}</span>}
        <span className="soft">{t('transition.running', { time: formatDuration(since) })}</span>
        {transition.waitingFor && (
          <span aria-live="polite">
            {t('transition.waitingFor')}{' '}
            <ServerText words={t(`transition.step.${transition.phase as StepName}`)} text={transition.waitingFor} />
          </span>
        )}
      </div>
      <ol className={styles.steps}>
        {stepsOf(deployment, job).map((step) => (
          <li
            key={step.name}
            className={styles.step}
            data-status={step.status}
            aria-current={step.status === 'now' ? 'step' : undefined}
          >
            <div>
              {step.status === 'done' && <CheckOutlined />} {step.status === 'now' && <LoadingOutlined />}{' '}
              {t(`transition.step.${step.name}`)}
            </div>
            {step.at && (
              <div className={styles.stepTime}>
                <TimeText time={step.at} />
              </div>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
