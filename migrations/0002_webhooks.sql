CREATE TABLE `webhook_callbacks` (
	`team_id` text NOT NULL,
	`run_id` text NOT NULL,
	`url` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`team_id`, `run_id`)
);
--> statement-breakpoint
CREATE TABLE `webhook_deliveries` (
	`position` integer PRIMARY KEY NOT NULL,
	`team_id` text NOT NULL,
	`id` text NOT NULL,
	`event_id` text NOT NULL,
	`endpoint_id` text,
	`callback_url` text,
	`status` text NOT NULL,
	`attempt` integer NOT NULL,
	`made` integer NOT NULL,
	`due_at` integer,
	`attempts` text NOT NULL,
	`claimed_until` integer NOT NULL,
	`ordered_until` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `webhook_deliveries_id` ON `webhook_deliveries` (`team_id`,`id`);--> statement-breakpoint
CREATE INDEX `webhook_deliveries_endpoint` ON `webhook_deliveries` (`team_id`,`endpoint_id`,`position`);--> statement-breakpoint
CREATE INDEX `webhook_deliveries_due` ON `webhook_deliveries` (`status`,`due_at`);--> statement-breakpoint
CREATE TABLE `webhook_endpoints` (
	`team_id` text NOT NULL,
	`id` text NOT NULL,
	`url` text NOT NULL,
	`types` text NOT NULL,
	`description` text,
	`status` text NOT NULL,
	`disabled_reason` text,
	`public_key` text NOT NULL,
	`sealed` text NOT NULL,
	`previous_sealed` text,
	`previous_until` integer,
	`verified_at` integer,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`team_id`, `id`)
);
--> statement-breakpoint
CREATE TABLE `webhook_events` (
	`team_id` text NOT NULL,
	`id` text NOT NULL,
	`type` text NOT NULL,
	`body` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`team_id`, `id`)
);
--> statement-breakpoint
CREATE INDEX `webhook_events_created` ON `webhook_events` (`created_at`);--> statement-breakpoint
CREATE TABLE `webhook_secrets` (
	`team_id` text PRIMARY KEY NOT NULL,
	`public_key` text NOT NULL,
	`sealed` text NOT NULL,
	`previous_sealed` text,
	`previous_until` integer
);
