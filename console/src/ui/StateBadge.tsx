import {
  CheckCircleFilled,
  ClockCircleOutlined,
  CloseCircleFilled,
  FlagFilled,
  LoadingOutlined,
  PauseCircleFilled,
  PlayCircleFilled,
  QuestionCircleOutlined,
  StopFilled,
} from '@ant-design/icons';
import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import type { DesiredState, JobState, NamespacePhase, ObservedState, SavepointState, SessionClusterState } from '../api/types';
import styles from './StateBadge.module.css';

type AnyState = ObservedState | DesiredState | JobState | SavepointState | SessionClusterState | NamespacePhase;
type Tone = 'good' | 'busy' | 'idle' | 'paused' | 'done' | 'bad';

interface Look {
  tone: Tone;
  Icon: ComponentType<{ spin?: boolean; 'aria-hidden'?: boolean }>;
  spin?: boolean;
}

const LOOKS: Record<AnyState, Look> = {
  RUNNING: { tone: 'good', Icon: PlayCircleFilled },
  STARTED: { tone: 'good', Icon: PlayCircleFilled },
  TRANSITIONING: { tone: 'busy', Icon: LoadingOutlined, spin: true },
  STARTING: { tone: 'busy', Icon: LoadingOutlined, spin: true },
  TERMINATING: { tone: 'busy', Icon: LoadingOutlined, spin: true },
  UPDATING: { tone: 'busy', Icon: LoadingOutlined, spin: true },
  STOPPING: { tone: 'busy', Icon: LoadingOutlined, spin: true },
  STOPPED: { tone: 'idle', Icon: StopFilled },
  STANDBY: { tone: 'busy', Icon: ClockCircleOutlined },
  SUSPENDED: { tone: 'paused', Icon: PauseCircleFilled },
  CANCELLED: { tone: 'idle', Icon: StopFilled },
  TERMINATED: { tone: 'idle', Icon: StopFilled },
  FINISHED: { tone: 'done', Icon: FlagFilled },
  ACTIVE: { tone: 'good', Icon: CheckCircleFilled },
  COMPLETED: { tone: 'good', Icon: CheckCircleFilled },
  FAILED: { tone: 'bad', Icon: CloseCircleFilled },
  PENDING_DELETION: { tone: 'busy', Icon: ClockCircleOutlined },
  DELETING: { tone: 'busy', Icon: LoadingOutlined, spin: true },
  FAILED_DELETION: { tone: 'bad', Icon: CloseCircleFilled },
};

const UNKNOWN: Look = { tone: 'idle', Icon: QuestionCircleOutlined };

/** A state by colour, icon and text, so that none of them alone carries the meaning. */
export function StateBadge({ state, quiet }: { state?: AnyState; quiet?: boolean }) {
  const { t } = useTranslation();
  if (state === undefined) return <span aria-hidden="true">–</span>;
  const { tone, Icon, spin } = LOOKS[state] ?? UNKNOWN;
  return (
    <span className={`${styles.badge} ${styles[tone]} ${quiet ? styles.quiet : ''}`} data-state={state}>
      <Icon spin={spin} aria-hidden />
      <span>{t(`state.${state}`, { defaultValue: state })}</span>
    </span>
  );
}
