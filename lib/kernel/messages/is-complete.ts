import { completeness } from '../language/index.ts';
import { textField, type Handler } from './kernel.ts';

export const isComplete: Handler = ({ content }) => ({ ...completeness(textField(content, 'code')) });
