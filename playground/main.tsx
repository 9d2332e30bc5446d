import { render } from 'preact';
import { App } from './parts/app.tsx';
import { takeToken } from './parts/use-settings.ts';
import { fetchOptions } from './url/api.ts';
import { optionsFrom } from './url/options.ts';

takeToken();
const options = optionsFrom(await fetchOptions());
render(<App options={options} />, document.body);
