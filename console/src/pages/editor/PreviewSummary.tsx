import { Alert, Skeleton } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Preview } from '../../api/deployments';
import { formatDuration } from '../../format/time';
import { ErrorState } from '../../ui/ErrorState';
import styles from './PreviewSummary.module.css';

type Action = 'NONE' | 'IN_PLACE' | 'SAME_CLUSTER' | 'WARM_SWAP' | 'RESTART' | 'START' | 'SUSPEND' | 'CANCEL';
type StateKind = 'EMPTY' | 'RESTORE_POINT' | 'NEW_SAVEPOINT' | 'NEW_CHECKPOINT' | 'MISSING';

function Gap({ gap }: { gap: NonNullable<Preview['expectedGap']> }) {
  const { t } = useTranslation();
  const { medianSeconds, leastSeconds, mostSeconds, samples, why } = gap;
  if (medianSeconds === undefined) return <span>{why}</span>;
  return (
    <span>
      <strong>{formatDuration(1000 * medianSeconds)}</strong>{' '}
      {samples !== undefined && samples > 1 && leastSeconds !== undefined && mostSeconds !== undefined && (
        <>
          ({formatDuration(1000 * leastSeconds)} – {formatDuration(1000 * mostSeconds)}){' '}
        </>
      )}
      <span className="soft">{t('preview.samples', { count: samples ?? 0 })}</span>
    </span>
  );
}

/** What will happen, with which state, how long it took before. */
export function PreviewSummary({ preview, error, retry }: { preview?: Preview; error: unknown; retry: () => void }) {
  const { t } = useTranslation();
  if (error) return <ErrorState error={error} retry={retry} />;
  if (preview === undefined) return <Skeleton active paragraph={{ rows: 3 }} />;
  const { action, reason, waitsFor, state, expectedGap, warnings = [] } = preview;
  return (
    <section className={styles.preview} aria-label={t('preview.title')}>
      <div className={styles.action}>
        <strong>{t(`preview.action.${action as Action}`)}</strong> <span>{reason}</span>
      </div>
      <dl className={styles.facts}>
        {waitsFor && (
          <>
            <dt>{t('preview.waitsFor')}</dt>
            <dd>{waitsFor}</dd>
          </>
        )}
        {state && (
          <>
            <dt>{t('preview.state')}</dt>
            <dd>
              {t(`preview.stateKind.${state.kind as StateKind}`)} {state.location && <code className="mono break">{state.location}</code>}
              <div className="soft">{state.why}</div>
            </dd>
          </>
        )}
        {expectedGap && (
          <>
            <dt>{t(action === 'START' ? 'preview.startTime' : 'preview.gap')}</dt>
            <dd>
              <Gap gap={expectedGap} />
            </dd>
          </>
        )}
      </dl>
      {warnings.map((warning) => (
        <Alert key={warning} type="warning" showIcon title={warning} />
      ))}
    </section>
  );
}
