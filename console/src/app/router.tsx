import { lazy } from 'react';
import { createBrowserRouter, Navigate } from 'react-router';
import { basePath } from '../api/client';
import { DeploymentsPage } from '../pages/deployments/DeploymentsPage';
import { NotFound } from './NotFound';
import { Shell } from './Shell';

const DeploymentPage = lazy(() => import('../pages/deployment/DeploymentPage').then(({ DeploymentPage: page }) => ({ default: page })));
const EditorPage = lazy(() => import('../pages/editor/EditorPage'));
const Artifacts = lazy(() => import('../pages/settings/Artifacts'));
const Targets = lazy(() => import('../pages/settings/Targets'));
const SessionClusters = lazy(() => import('../pages/settings/SessionClusters'));
const Defaults = lazy(() => import('../pages/settings/Defaults'));
const Secrets = lazy(() => import('../pages/settings/Secrets'));
const Namespaces = lazy(() => import('../pages/settings/Namespaces'));
const System = lazy(() => import('../pages/settings/System'));

export function makeRouter() {
  return createBrowserRouter(
    [
      {
        path: '/',
        element: <Shell />,
        children: [
          { index: true, element: <Navigate to="/deployments" replace /> },
          { path: 'deployments', element: <DeploymentsPage /> },
          { path: 'deployments/new', element: <EditorPage /> },
          { path: 'deployments/:name/edit', element: <EditorPage /> },
          { path: 'deployments/:name/:tab?', element: <DeploymentPage /> },
          { path: 'artifacts', element: <Artifacts /> },
          { path: 'settings/targets', element: <Targets /> },
          { path: 'settings/sessions', element: <SessionClusters /> },
          { path: 'settings/defaults', element: <Defaults /> },
          { path: 'settings/secrets', element: <Secrets /> },
          { path: 'namespaces', element: <Namespaces /> },
          { path: 'system', element: <System /> },
          { path: '*', element: <NotFound /> },
        ],
      },
    ],
    { basename: basePath === '' ? '/' : basePath },
  );
}
