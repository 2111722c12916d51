CREATE TABLE `alert_channels` (
	`team_id` text NOT NULL,
	`id` text NOT NULL,
	`kind` text NOT NULL,
	`name` text,
	`target` text NOT NULL,
	`sealed` text,
	`min_severity` text NOT NULL,
	`rules` text NOT NULL,
	`quiet_hours` text,
	`enabled` integer NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`team_id`, `id`)
);
--> statement-breakpoint
CREATE TABLE `alert_heads` (
	`team_id` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`commit_id` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `alert_runs` (
	`team_id` text NOT NULL,
	`run_id` text NOT NULL,
	`alert_id` text NOT NULL,
	PRIMARY KEY(`team_id`, `run_id`, `alert_id`)
);
--> statement-breakpoint
CREATE INDEX `alert_runs_alert` ON `alert_runs` (`team_id`,`alert_id`);--> statement-breakpoint
CREATE TABLE `alert_settings` (
	`team_id` text NOT NULL,
	`rule` text NOT NULL,
	`muted_until` integer,
	`severity` text,
	PRIMARY KEY(`team_id`, `rule`)
);
--> statement-breakpoint
CREATE TABLE `alert_tracks` (
	`team_id` text NOT NULL,
	`key` text NOT NULL,
	`rule` text NOT NULL,
	`recent` text NOT NULL,
	`alert_id` text,
	`last_at` integer NOT NULL,
	PRIMARY KEY(`team_id`, `key`)
);
--> statement-breakpoint
CREATE INDEX `alert_tracks_last` ON `alert_tracks` (`last_at`);--> statement-breakpoint
CREATE TABLE `alerts` (
	`position` integer PRIMARY KEY NOT NULL,
	`team_id` text NOT NULL,
	`alert_id` text NOT NULL,
	`rule` text NOT NULL,
	`title` text NOT NULL,
	`severity` text NOT NULL,
	`status` text NOT NULL,
	`subject` text NOT NULL,
	`message` text NOT NULL,
	`first_at` integer NOT NULL,
	`last_at` integer NOT NULL,
	`count` integer NOT NULL,
	`run_ids` text NOT NULL,
	`acknowledged_by` text,
	`acknowledged_at` integer,
	`note` text,
	`resolved_at` integer,
	`notified_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `alerts_id` ON `alerts` (`team_id`,`alert_id`);--> statement-breakpoint
CREATE INDEX `alerts_position` ON `alerts` (`team_id`,`position`);--> statement-breakpoint
CREATE INDEX `alerts_status` ON `alerts` (`team_id`,`status`,`position`);--> statement-breakpoint
CREATE INDEX `alerts_rule` ON `alerts` (`team_id`,`rule`,`position`);--> statement-breakpoint
CREATE INDEX `alerts_opened` ON `alerts` (`team_id`,`first_at`,`rule`);--> statement-breakpoint
CREATE INDEX `alerts_idle` ON `alerts` (`status`,`last_at`);--> statement-breakpoint
ALTER TABLE `webhook_deliveries` ADD `channel_id` text;--> statement-breakpoint
ALTER TABLE `webhook_deliveries` ADD `alert_id` text;--> statement-breakpoint
CREATE INDEX `webhook_deliveries_alert` ON `webhook_deliveries` (`team_id`,`alert_id`,`position`);--> statement-breakpoint
CREATE INDEX `webhook_deliveries_channel` ON `webhook_deliveries` (`team_id`,`channel_id`,`position`);