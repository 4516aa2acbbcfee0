import { SearchOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { Input, Modal } from 'antd';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { keys } from '../api/keys';
import type { Deployment } from '../api/types';
import type { ById } from '../live/patch';
import { StateBadge } from '../ui/StateBadge';
import { PLACES } from './Navigation';
import { setPaletteOpen, usePaletteOpen } from './palette-state';
import { setPreferences } from './preferences';
import { rank } from './rank';
import styles from './Palette.module.css';

interface Command {
  key: string;
  text: string;
  kind: string;
  deployment?: Deployment;
  run: () => void;
}

const MOST = 30;

function useCommands(open: boolean): Command[] {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  return useMemo(() => {
    if (!open) return [];
    const go = (path: string) => () => void navigate(path);
    const pages: Command[] = PLACES.map(({ path, text }) => ({
      key: path,
      text: t(text),
      kind: t('palette.page'),
      run: go(path),
    }));
    const actions: Command[] = [
      { key: 'create', text: t('deployments.create'), kind: t('palette.action'), run: go('/deployments/new') },
      ...(['light', 'dark', 'system'] as const).map((theme) => ({
        key: `theme-${theme}`,
        text: `${t('preferences.theme')}: ${t(`preferences.${theme}`)}`,
        kind: t('palette.action'),
        run: () => setPreferences({ theme }),
      })),
    ];
    const all = queries.getQueryData<ById<Deployment>>(keys.deployments);
    const deployments: Command[] = [...(all?.values() ?? [])].map((deployment) => ({
      key: deployment.metadata.id,
      text: deployment.metadata.name ?? '',
      kind: t('palette.deployment'),
      deployment,
      run: go(`/deployments/${encodeURIComponent(deployment.metadata.name ?? '')}/overview`),
    }));
    return [...pages, ...actions, ...deployments];
    // The texts change with the language.
  }, [open, t, i18n.language, navigate, queries]);
}

function useShortcut() {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setPaletteOpen(true);
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

/** Everything by keyboard: pages, deployments, actions. */
export function Palette() {
  const { t } = useTranslation();
  useShortcut();
  const open = usePaletteOpen();
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState(0);
  const commands = useCommands(open);
  const found = useMemo(
    () =>
      commands
        .map((command) => ({ command, score: rank(command.text, query) }))
        .filter(({ score }) => score >= 0)
        .sort((a, b) => b.score - a.score)
        .slice(0, MOST)
        .map(({ command }) => command),
    [commands, query],
  );
  const close = () => {
    setPaletteOpen(false);
    setQuery('');
    setChosen(0);
  };
  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    close();
    command.run();
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setChosen((old) => (old + step + found.length) % Math.max(1, found.length));
    } else if (event.key === 'Enter') {
      run(found[chosen]);
    }
  };
  return (
    <Modal
      open={open}
      onCancel={close}
      footer={null}
      closable={false}
      destroyOnHidden
      title={<span className="visually-hidden">{t('palette.open')}</span>}
      className={styles.palette}
      style={{ top: 80 }}
    >
      <Input
        autoFocus
        variant="borderless"
        prefix={<SearchOutlined />}
        placeholder={t('palette.placeholder')}
        aria-label={t('palette.placeholder')}
        role="combobox"
        aria-expanded
        aria-controls="palette-results"
        aria-activedescendant={found[chosen] && `palette-${chosen}`}
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul className={styles.results} id="palette-results" role="listbox" aria-label={t('palette.results')}>
        {found.map((command, index) => (
          <li
            key={command.key}
            id={`palette-${index}`}
            role="option"
            aria-selected={index === chosen}
            ref={index === chosen ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
            onClick={() => run(command)}
            onMouseMove={() => setChosen(index)}
          >
            <span className={styles.text}>{command.text}</span>
            {command.deployment && <StateBadge state={command.deployment.status?.state} quiet />}
            <span className={styles.kind}>{command.kind}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 && <div className={styles.nothing}>{t('palette.nothing')}</div>}
    </Modal>
  );
}
