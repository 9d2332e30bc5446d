import { render } from 'preact';
import { Gallery } from './parts/gallery.tsx';
import { takeToken } from './parts/use-settings.ts';

takeToken();
render(<Gallery />, document.body);
