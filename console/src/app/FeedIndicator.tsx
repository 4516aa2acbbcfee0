import { DisconnectOutlined, SyncOutlined, ThunderboltFilled } from '@ant-design/icons';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { retryLive, useFeedState } from '../live/live';
import styles from './FeedIndicator.module.css';

/** Whether what is shown is kept up to date. */
export function FeedIndicator() {
  const { t } = useTranslation();
  const state = useFeedState();
  if (state === 'offline')
    return (
      <span role="status" title={t('feed.offlineHint')}>
        <Button danger size="small" icon={<DisconnectOutlined />} onClick={retryLive}>
          {t('feed.offline')}
        </Button>
      </span>
    );
  const live = state === 'live';
  return (
    <span className={`${styles.state} ${live ? styles.live : ''}`} role="status" title={t(`feed.${state}Hint`)}>
      {live ? <ThunderboltFilled /> : <SyncOutlined spin={state === 'connecting'} />}
      <span className={styles.text}>{t(`feed.${state}`)}</span>
    </span>
  );
}
