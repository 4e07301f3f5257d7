// Lighthouse on the sign-in and the overview of a running demo, as a phone and as a desktop:
// "make lighthouse" with its address, http://localhost:8080 unless ADDRESS says another.
const tools = new URL('../.tools/lighthouse/node_modules/', import.meta.url);
const { default: lighthouse, desktopConfig } = await import(new URL('lighthouse/core/index.js', tools));
const { default: puppeteer } = await import(new URL('puppeteer-core/lib/esm/puppeteer/puppeteer-core.js', tools));

const address = process.env.ADDRESS ?? 'http://localhost:8080';
const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const port = Number(new URL(browser.wsEndpoint()).port);

async function measure(what, url, disableStorageReset) {
  for (const [form, config] of [['phone', undefined], ['desktop', desktopConfig]]) {
    const { lhr } = await lighthouse(url, { port, output: 'json', logLevel: 'error', disableStorageReset }, config);
    const scores = Object.values(lhr.categories).map((c) => `${c.title.toLowerCase()} ${Math.round(c.score * 100)}`);
    const times = ['largest-contentful-paint', 'total-blocking-time', 'cumulative-layout-shift'].map((id) => `${lhr.audits[id].title.toLowerCase()} ${lhr.audits[id].displayValue}`);
    console.log(`${what}, ${form}: ${scores.join(', ')}; ${times.join(', ')}`);
  }
}

await measure('sign-in', `${address}/`, false);
const page = await browser.newPage();
await page.goto(address);
await page.waitForFunction(() => document.querySelector('input[name=username]')?.value === 'demo');
await page.click('button[type=submit]');
const guild = await page.waitForFunction(() => [...document.querySelectorAll('a')].find((a) => a.pathname.startsWith('/guilds/'))?.pathname.split('/').slice(0, 3).join('/'));
const overview = await guild.jsonValue();
await page.close();
await measure('overview', address + overview, true); // the cookie keeps the session
await browser.close();
