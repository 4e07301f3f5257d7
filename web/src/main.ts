import { mount } from 'svelte';
import './dashboard.css';
import App from './App.svelte';
import { origin } from './lib/http';

void origin().catch(() => undefined); // asked for at once; whoever needs it is told
const target = document.getElementById('app');
if (target) mount(App, { target });
