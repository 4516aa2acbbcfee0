import {
  AppstoreOutlined,
  BlockOutlined,
  ClusterOutlined,
  ContainerOutlined,
  ControlOutlined,
  DeploymentUnitOutlined,
  InfoCircleOutlined,
  KeyOutlined,
} from '@ant-design/icons';
import { Menu } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLocation, useNavigate } from 'react-router';

/** The pages that a user goes to directly; the palette offers the same ones. */
export const PLACES = [
  { path: '/deployments', text: 'nav.deployments', Icon: AppstoreOutlined, group: 'work' },
  { path: '/artifacts', text: 'nav.artifacts', Icon: ContainerOutlined, group: 'work' },
  { path: '/settings/targets', text: 'nav.targets', Icon: DeploymentUnitOutlined, group: 'settings' },
  { path: '/settings/sessions', text: 'nav.sessions', Icon: ClusterOutlined, group: 'settings' },
  { path: '/settings/defaults', text: 'nav.defaults', Icon: ControlOutlined, group: 'settings' },
  { path: '/settings/secrets', text: 'nav.secrets', Icon: KeyOutlined, group: 'settings' },
  { path: '/namespaces', text: 'nav.namespaces', Icon: BlockOutlined, group: 'platform' },
  { path: '/system', text: 'nav.system', Icon: InfoCircleOutlined, group: 'platform' },
] as const;

export function Navigation({ onChoose }: { onChoose?: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const selected = PLACES.find(({ path }) => pathname === path || pathname.startsWith(`${path}/`));
  const items = (group: string) =>
    PLACES.filter((place) => place.group === group).map(({ path, text, Icon }) => ({
      key: path,
      icon: <Icon />,
      label: t(text),
    }));
  return (
    <nav aria-label={t('shell.navigation')}>
      <Menu
        mode="inline"
        selectedKeys={selected ? [selected.path] : []}
        onClick={({ key }) => {
          void navigate(key);
          onChoose?.();
        }}
        style={{ borderInlineEnd: 0, background: 'none' }}
        items={[...items('work'), { type: 'divider' }, ...items('settings'), { type: 'divider' }, ...items('platform')]}
      />
    </nav>
  );
}
