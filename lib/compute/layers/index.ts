/** Models of tfjs's layers, compiled: `compileModel(model).fit(...)`. */
export {
  compileModel,
  type CompiledModel,
  type CompileModelOptions,
  type FitArgs,
  type FitDatasetArgs,
  type FitOptions,
} from './model.ts';
