import { mount } from 'svelte';
import '../styles.css';
import Playground from './Playground.svelte';

const target = document.getElementById('app');
if (target) mount(Playground, { target });
