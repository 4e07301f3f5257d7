// What the simulator's control API sends. It is for this machine only and has
// no OpenAPI document; internal/simulator is the truth.

export interface User {
  id: string;
  username: string;
  global_name?: string;
  bot?: boolean;
}

export interface Member {
  guild_id: string;
  user: User;
  nick?: string;
  roles: string[];
  display_name: string;
  permissions: string;
}

export interface Channel {
  id: string;
  guild_id?: string;
  name: string;
  type: number;
  topic?: string;
}

export interface Role {
  id: string;
  guild_id: string;
  name: string;
  color: number;
  position: number;
  /** That it is allowed, whatever they need. */
  commands?: string[];
}

export interface Guild {
  id: string;
  name: string;
}

/** Names and descriptions by locale. */
export type Localizations = Record<string, string> | null;

export interface Choice {
  name: string;
  name_localizations?: Localizations;
  value: string | number;
}

export interface Option {
  type: number;
  name: string;
  name_localizations?: Localizations;
  description: string;
  description_localizations?: Localizations;
  required?: boolean;
  autocomplete?: boolean;
  choices?: Choice[];
  channel_types?: number[];
  min_value?: number;
  max_value?: number;
  min_length?: number;
  max_length?: number;
  options?: Option[];
}

export interface Definition {
  id: string;
  type: number;
  name: string;
  name_localizations?: Localizations;
  description: string;
  description_localizations?: Localizations;
  default_member_permissions: string | null;
  guild_id?: string;
  options?: Option[];
}

export interface World {
  application_id: string;
  bot: User;
  guild?: Guild;
  guilds: Guild[];
  channels: Channel[];
  roles: Role[];
  members: Member[];
  commands: Definition[];
}

export interface Emoji {
  id?: string | null;
  name?: string | null;
  animated?: boolean;
}

export interface Picture {
  url: string;
  width?: number;
  height?: number;
}

export interface Embed {
  title?: string;
  description?: string;
  url?: string;
  color?: number;
  timestamp?: string;
  author?: { name: string; url?: string; icon_url?: string };
  footer?: { text: string; icon_url?: string };
  image?: Picture;
  thumbnail?: Picture;
  fields?: { name: string; value: string; inline?: boolean }[];
}

export interface SelectOption {
  label: string;
  value: string;
  description?: string;
  emoji?: Emoji;
  default?: boolean;
}

/** Any component of a message: a row, a button, a select, a part of a layout. */
export interface Component {
  type: number;
  id?: number;
  custom_id?: string;
  style?: number;
  label?: string;
  emoji?: Emoji;
  url?: string;
  disabled?: boolean;
  placeholder?: string;
  min_values?: number;
  max_values?: number;
  options?: SelectOption[];
  channel_types?: number[];
  components?: Component[];
  accessory?: Component;
  content?: string;
  media?: Picture;
  items?: { media: Picture; description?: string }[];
  file?: Picture;
  description?: string;
  divider?: boolean;
  spacing?: number;
  accent_color?: number;
}

export interface Attachment {
  id: string;
  filename: string;
  description?: string;
  content_type?: string;
  size: number;
  url: string;
  width?: number;
  height?: number;
}

export interface Message {
  id: string;
  channel_id: string;
  author: User;
  content: string;
  embeds: Embed[];
  components: Component[];
  attachments: Attachment[];
  flags: number;
  ephemeral: boolean;
  thinking: boolean;
  pings: string[];
  reply_to?: string;
  interaction_id?: string;
  command?: string;
  invoked_by?: string;
  timestamp: string;
  edited_timestamp: string | null;
}

export interface Input {
  type: number;
  custom_id: string;
  label: string;
  description?: string;
  style?: number;
  required: boolean;
  min_length?: number;
  max_length?: number;
  value?: string;
  placeholder?: string;
  options?: SelectOption[];
  min_values?: number;
  max_values?: number;
}

export interface Modal {
  custom_id: string;
  title: string;
  inputs: Input[];
}

export interface Interaction {
  id: string;
  type: 'command' | 'component' | 'autocomplete' | 'modal';
  command?: string;
  custom_id?: string;
  as: string;
  channel: string;
  state: 'sent' | 'thinking' | 'answered' | 'failed';
  error?: string;
  reason?: string;
  message: Message | null;
  followups: Message[];
  modal: Modal | null;
  choices: Choice[] | null;
  request: unknown;
  response: unknown;
  status: number;
  duration_ms: number;
  at: string;
}

/** A file as the simulator wants to be told of it. */
export interface FileNote {
  name: string;
  size: number;
  content_type: string;
  /** Its content, by base64. */
  data?: string;
  width?: number;
  height?: number;
}
