import { Component, type ReactNode } from 'react';
import { withTranslation, type WithTranslation } from 'react-i18next';
import { Button, Result } from 'antd';

interface Props extends WithTranslation {
  children: ReactNode;
}

/** A part of the console that is loaded on demand could not be: no connection, or a newer server. */
function isMissingPart(error: Error): boolean {
  return /preload|dynamically imported module|module script/i.test(error.message);
}

/** Keeps a page's mistake from taking the whole console down, and says what it was. */
class Boundary extends Component<Props, { error: Error | null }> {
  state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  render() {
    const { t } = this.props;
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <Result
        status="error"
        title={t(isMissingPart(error) ? 'error.offline' : 'error.page')}
        subTitle={isMissingPart(error) ? t('error.partMissing') : <code className="mono break">{String(error)}</code>}
        extra={
          <Button type="primary" onClick={() => window.location.reload()}>
            {t('action.reload')}
          </Button>
        }
      />
    );
  }
}

export const ErrorBoundary = withTranslation()(Boundary);
