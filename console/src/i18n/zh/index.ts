import type { en } from '../en/index';
import { deployment } from './deployment';
import { deployments } from './deployments';
import { editor } from './editor';
import { general } from './general';
import { server } from './server';
import { settings } from './settings';

export const zh: typeof en = { ...general, ...deployments, ...deployment, ...editor, ...settings, server };
