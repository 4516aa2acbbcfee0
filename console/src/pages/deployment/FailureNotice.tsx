import { Alert, App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useRetry } from '../../api/deployments';
import type { Deployment } from '../../api/types';
import { useErrorNotice } from '../../ui/ErrorState';
import { ServerText, serverWords } from '../../ui/ServerText';
import { Age } from '../../ui/TimeText';
import styles from './DeploymentPage.module.css';

const LOUD = ['JobFailing', 'JobUnstable', 'ClusterUnreachable'];

/** What is wrong, at the top of every tab: why it FAILED, what does not go well, what was rolled back. */
export function FailureNotice({ deployment }: { deployment: Deployment }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const notice = useErrorNotice();
  const name = deployment.metadata.name ?? '';
  const retry = useRetry(name);
  const { failure, running, revision } = deployment.status ?? {};
  const conditions = (running?.conditions ?? []).filter(
    ({ type = '', status }) => status === 'True' && LOUD.includes(type),
  );
  return (
    <>
      {failure && (
        <Alert
          className={styles.notice}
          type="error"
          showIcon
          title={
            <>
              <ServerText words={serverWords(t, 'reason', failure.reason)} text={failure.message} />{' '}
              <span className="soft">
                (<Age time={failure.failedAt} />
                {failure.reason ? ` · ${failure.reason}` : ''})
              </span>
            </>
          }
        />
      )}
      {conditions.map((condition) => (
        <Alert
          key={condition.type}
          className={styles.notice}
          type="warning"
          showIcon
          title={
            <>
              <strong>{t(`condition.${condition.type as 'JobFailing'}`)}</strong>{' '}
              <ServerText words={serverWords(t, 'reason', condition.reason)} text={condition.message} />
            </>
          }
        />
      ))}
      {revision?.rolledBackBecause && (
        <Alert
          className={styles.notice}
          type="warning"
          showIcon
          title={
            <>
              <strong>{t('deployment.rolledBack', { revision: revision.desired })}</strong>{' '}
              {revision.rolledBackBecause}
            </>
          }
          action={
            <Button
              loading={retry.isPending}
              onClick={() =>
                retry.mutate(undefined, {
                  onSuccess: () => message.success(t('deployment.retryAsked')),
                  onError: (error) => notice(t('deployment.askFailed', { name }), error),
                })
              }
            >
              {t('action.retryStart')}
            </Button>
          }
        />
      )}
    </>
  );
}
