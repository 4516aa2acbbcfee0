import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import { EmptyState } from '../ui/EmptyState';
import { useTitle } from '../ui/useTitle';

export function NotFound() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  useTitle(t('error.noPage'));
  return (
    <EmptyState
      title={t('error.noPage')}
      hint={<code className="mono break">{pathname}</code>}
      action={
        <Link to="/deployments">
          <Button type="primary" tabIndex={-1}>
            {t('nav.deployments')}
          </Button>
        </Link>
      }
    />
  );
}
