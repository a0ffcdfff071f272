/** Runs as a folder `mlruns` of MLflow's file store: `mlflow ui --backend-store-uri <folder>`. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { settingsOf } from '../own/settings.ts';
import type { Run } from '../runs/index.ts';
import { runId } from './tables.ts';

const METRICS = ['trainLoss', 'trainError', 'testLoss', 'testError', 'l2Norm', 'epoch', 'lambda'] as const;
/** RunStatus of MLflow. */
const STATUS = { running: 1, finished: 3, failed: 4, killed: 5 } as const;

/** JSON is YAML. */
const yaml = (fields: Record<string, unknown>): string =>
  Object.entries(fields)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join('');

const digits = (text: string, count: number): string => createHash('sha256').update(text).digest('hex').slice(0, count);

/** An experiment's number from its name, so that an export made again has the same. */
const experimentId = (name: string): string => String(Number.parseInt(digits(name, 12), 16));

function statusOf({ end }: Run): number {
  if (!end) return STATUS.running;
  return { finished: STATUS.finished, diverged: STATUS.finished, stopped: STATUS.killed, failed: STATUS.failed }[
    end.reason
  ];
}

/** Files by their path in the folder, one experiment a sweep and preset. `folder` is where it will lie: MLflow stores absolute addresses. */
export function mlflowFiles(runs: readonly Run[], folder: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const run of runs) {
    const { sweep, preset, config, startedAt, git, hash } = run.header;
    const name = `${sweep}/${preset}`;
    const experiment = experimentId(name);
    const times = { creation_time: Date.parse(startedAt), last_update_time: Date.parse(startedAt) };
    const location = `file://${join(folder, experiment)}`;
    files.set(
      `${experiment}/meta.yaml`,
      yaml({ artifact_location: location, experiment_id: experiment, lifecycle_stage: 'active', name, ...times }),
    );
    const id = digits(runId(run), 32);
    const place = `${experiment}/${id}`;
    const started = Date.parse(startedAt);
    const seconds = run.end?.seconds ?? run.measures.at(-1)?.seconds ?? 0;
    const runName = Object.entries({ eta: config.eta, lambda: config.lambda, seed: config.seed })
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
    files.set(
      `${place}/meta.yaml`,
      yaml({
        artifact_uri: `${location}/${id}/artifacts`,
        end_time: run.end ? Math.round(started + 1000 * seconds) : null,
        entry_point_name: '',
        experiment_id: experiment,
        lifecycle_stage: 'active',
        run_id: id,
        run_name: runName,
        run_uuid: id,
        source_name: '',
        source_type: 4,
        source_version: git.commit,
        start_time: started,
        status: statusOf(run),
        tags: [],
        user_id: '',
      }),
    );
    // MLflow finds no run without this folder.
    files.set(`${place}/artifacts/config.json`, `${JSON.stringify(config, null, 2)}\n`);
    for (const [key, value] of Object.entries(settingsOf(config))) files.set(`${place}/params/${key}`, String(value));
    const tags = { 'mlflow.runName': runName, 'mlflow.source.git.commit': git.commit, 'l2-dynamics.hash': hash };
    for (const [key, value] of Object.entries(tags)) files.set(`${place}/tags/${key}`, value);
    for (const metric of METRICS)
      files.set(
        `${place}/metrics/${metric}`,
        run.measures
          .map(
            (measure) =>
              `${Math.round(started + 1000 * measure.seconds)} ${pythonNumber(measure[metric])} ${measure.step}\n`,
          )
          .join(''),
      );
  }
  return files;
}

const pythonNumber = (value: number): string =>
  Number.isFinite(value) ? String(value) : Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
