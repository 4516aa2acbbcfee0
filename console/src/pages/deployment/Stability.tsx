import { CheckCircleOutlined, HourglassOutlined } from '@ant-design/icons';
import { Tag, Tooltip } from 'antd';
import { useTranslation } from 'react-i18next';

/** Whether the running revision has passed its stability gate; nothing for one that was not upgraded. */
export function Stability({ stable }: { stable: boolean | undefined }) {
  const { t } = useTranslation();
  if (stable === undefined) return null;
  return (
    <Tooltip title={t(stable ? 'stability.stableHint' : 'stability.notYetHint')}>
      <Tag icon={stable ? <CheckCircleOutlined /> : <HourglassOutlined />} data-stable={stable}>
        {t(stable ? 'stability.stable' : 'stability.notYet')}
      </Tag>
    </Tooltip>
  );
}
