CREATE TABLE `exports` (
	`team_id` text NOT NULL,
	`export_id` text NOT NULL,
	`from_at` integer NOT NULL,
	`to_at` integer NOT NULL,
	`status` text NOT NULL,
	`done` integer DEFAULT 0 NOT NULL,
	`total` integer DEFAULT 0 NOT NULL,
	`size_bytes` integer,
	`detail` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`team_id`, `export_id`)
);
--> statement-breakpoint
CREATE TABLE `team_settings` (
	`team_id` text PRIMARY KEY NOT NULL,
	`retention_days` integer,
	`badge` integer DEFAULT true NOT NULL,
	`retained_at` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE INDEX `team_settings_retained` ON `team_settings` (`retained_at`);--> statement-breakpoint
ALTER TABLE `unfinished_runs` ADD `rollback_of` text;--> statement-breakpoint
CREATE INDEX `unfinished_runs_rollback` ON `unfinished_runs` (`team_id`,`rollback_of`);