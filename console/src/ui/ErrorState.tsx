import { CopyOutlined, ReloadOutlined } from '@ant-design/icons';
import { Alert, App, Button } from 'antd';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { ApiError, OfflineError } from '../api/errors';
import { ServerText, serverWords } from './ServerText';

export function ErrorDetails({ error }: { error: unknown }) {
  const { t } = useTranslation();
  if (!(error instanceof ApiError))
    return <div>{error instanceof OfflineError ? t('error.offlineHint') : String(error)}</div>;
  return (
    <div>
      <div className="break">
        <ServerText words={serverWords(t, 'reason', error.reason)} text={error.message} />
      </div>
      {error.fields.length > 0 && (
        <ul style={{ margin: '8px 0 0', paddingInlineStart: 20 }}>
          {error.fields.map((field) => (
            <li key={field.path + field.message} className="break">
              <code className="mono">{field.path}</code>{' '}
              <ServerText words={serverWords(t, 'fieldError', field.reason)} text={field.message} />
            </li>
          ))}
        </ul>
      )}
      <div className="soft" style={{ marginTop: 8, fontSize: 12 }}>
        {error.reason && (
          <span>
            {t('error.reason')} <code className="mono">{error.reason}</code>
            {' · '}
          </span>
        )}
        HTTP {error.status}
        {error.requestId && (
          <span>
            {' · '}
            {t('error.requestId')} <code className="mono">{error.requestId}</code>{' '}
            <CopyIcon text={error.requestId} />
          </span>
        )}
      </div>
    </div>
  );
}

function titleOf(error: unknown, t: TFunction): string {
  if (error instanceof OfflineError) return t('error.offline');
  if (error instanceof ApiError && error.status === 403) return t('error.forbidden');
  if (error instanceof ApiError && error.status === 404) return t('error.notFound');
  return t('error.title');
}

/** In the place of content that could not be read. */
export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  const forbidden = error instanceof ApiError && error.status === 403;
  return (
    <Alert
      role="alert"
      type={forbidden ? 'warning' : 'error'}
      showIcon
      title={titleOf(error, t)}
      description={<ErrorDetails error={error} />}
      action={
        retry &&
        !forbidden && (
          <Button icon={<ReloadOutlined />} onClick={retry}>
            {t('action.retry')}
          </Button>
        )
      }
    />
  );
}

/** Tells of an action that failed, until the user closes it. */
export function useErrorNotice(): (title: string, error: unknown) => void {
  const { notification } = App.useApp();
  return (title, error) =>
    notification.error({
      title,
      description: <ErrorDetails error={error} />,
      duration: 0,
      placement: 'bottomRight',
    });
}

export function CopyIcon({ text, label }: { text: string; label?: string }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const name = label ?? t('action.copy');
  return (
    <Button
      type="text"
      size="small"
      icon={<CopyOutlined />}
      aria-label={name}
      title={name}
      onClick={(event) => {
        event.stopPropagation();
        navigator.clipboard.writeText(text).then(
          () => message.success(t('action.copied')),
          () => message.error(t('action.copyFailed')),
        );
      }}
    />
  );
}

