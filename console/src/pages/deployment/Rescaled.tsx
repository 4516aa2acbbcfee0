import { useTranslation } from 'react-i18next';
import type { Job } from '../../api/types';
import { formatDuration } from '../../format/time';
import { TimeText } from '../../ui/TimeText';

type Rescale = NonNullable<NonNullable<Job['status']>['rescale']>;

/** The newest change of the parallelism in which the job ran on: from, to, when, how long. */
export function Rescaled({ rescale: { from, to, requestedAt, runningAt } }: { rescale: Rescale }) {
  const { t } = useTranslation();
  return (
    <span className="nowrap">
      {t('job.rescaledFromTo', { from, to })} <TimeText time={runningAt} />
      {requestedAt && runningAt && (
        <span className="soft"> {formatDuration(Date.parse(runningAt) - Date.parse(requestedAt))}</span>
      )}
    </span>
  );
}
