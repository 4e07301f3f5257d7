import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 60_000 }); // modules are compiled when they are first imported

/** A browser's history: it moves later, and says so. */
class Tab {
  entries = [{ url: '/list', state: null as unknown }];
  at = 0;
  heard = new Map<string, () => void>();

  get state(): unknown {
    return structuredClone(this.entries[this.at]!.state);
  }
  get url(): URL {
    return new URL(this.entries[this.at]!.url, 'https://coffer.example');
  }
  pushState(state: unknown, _: string, url = this.entries[this.at]!.url): void {
    this.entries = [...this.entries.slice(0, this.at + 1), { url, state }];
    this.at++;
  }
  replaceState(state: unknown, _: string, url = this.entries[this.at]!.url): void {
    this.entries[this.at] = { url, state };
  }
  go(by: number): void {
    setTimeout(() => {
      if (!this.entries[this.at + by]) return;
      this.at += by;
      this.heard.get('popstate')?.();
    });
  }
  urls = (): string[] => this.entries.map((e) => e.url);
}

let tab: Tab;
beforeEach(() => {
  tab = new Tab();
  vi.resetModules();
  vi.useFakeTimers();
  vi.stubGlobal('history', tab);
  vi.stubGlobal('location', {
    origin: 'https://coffer.example',
    get pathname() {
      return tab.url.pathname;
    },
    get search() {
      return tab.url.search;
    },
  });
  vi.stubGlobal('document', { addEventListener: () => {} });
  vi.stubGlobal('addEventListener', (name: string, f: () => void) => tab.heard.set(name, f));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const settle = (): Promise<unknown> => vi.runAllTimersAsync();
const start = async () => (await import('./router.svelte')).router;

test('back and forward go where one was', async () => {
  const router = await start();
  await router.go('/tasks/6');
  await router.go('/tasks/5?x=1');
  tab.go(-1);
  await settle();
  expect(router.path).toBe('/tasks/6');
  tab.go(1);
  await settle();
  expect([router.path, router.query.get('x')]).toEqual(['/tasks/5', '1']);
});

for (const by of [-1, -2, 1]) {
  test(`going ${by} from what is unsaved asks, and neither loses nor adds an entry`, async () => {
    const router = await start();
    await router.go('/members');
    await router.go('/tasks/6');
    await router.go('/items');
    tab.go(-1);
    await settle();
    const entries = ['/list', '/members', '/tasks/6', '/items'];
    let answer: (leave: boolean) => void = () => {};
    router.guard(() => new Promise((done) => (answer = done)));

    for (let i = 0; i < 3; i++) {
      tab.go(by);
      await settle();
      expect([router.path, tab.url.pathname, tab.urls()]).toEqual(['/tasks/6', '/tasks/6', entries]); // while it asks
      answer(false);
      await settle();
      expect([router.path, tab.url.pathname, tab.urls()]).toEqual(['/tasks/6', '/tasks/6', entries]);
    }
    tab.go(by);
    await settle();
    answer(true);
    await settle();
    expect([router.path, tab.url.pathname, tab.urls()]).toEqual([entries[2 + by], entries[2 + by], entries]);
  });
}

test('back, pressed again while it asks, asks again', async () => {
  const router = await start();
  await router.go('/members');
  await router.go('/tasks/6');
  const asked: ((leave: boolean) => void)[] = [];
  router.guard(() => new Promise((done) => asked.push(done)));
  tab.go(-1);
  await settle();
  tab.go(-1);
  await settle();
  asked[0]!(false);
  asked[1]!(true);
  await settle();
  expect([router.path, tab.urls()]).toEqual(['/members', ['/list', '/members', '/tasks/6']]);
});

test('what guards stays on guard from one page to the next, until it ends', async () => {
  const router = await start();
  let asked = 0;
  const end = router.guard(async () => ++asked > 1);
  await router.go('/members');
  expect(router.path).toBe('/list');
  await router.go('/members');
  await router.go('/tasks');
  expect([router.path, asked]).toEqual(['/tasks', 3]);
  end();
  await router.go('/members');
  expect(asked).toBe(3);
});

test('an entry from elsewhere is asked about, too', async () => {
  const router = await start();
  await router.go('/tasks/6');
  router.guard(async () => false);
  tab.pushState(null, '', '/items');
  tab.heard.get('popstate')!();
  await settle();
  expect([router.path, tab.url.pathname]).toEqual(['/tasks/6', '/tasks/6']);
});

test('after a reload, back is still known as back', async () => {
  await (await start()).go('/tasks/6');
  vi.resetModules();
  const router = await start();
  router.guard(async () => false);
  tab.go(-1);
  await settle();
  expect([router.path, tab.at, tab.urls()]).toEqual(['/tasks/6', 1, ['/list', '/tasks/6']]);
});

test('what replaces an address is not come back to', async () => {
  const router = await start();
  await router.go('/members/5');
  await router.go('/members', true);
  tab.go(-1);
  await settle();
  expect([router.path, tab.urls()]).toEqual(['/list', ['/list', '/members']]);
});
