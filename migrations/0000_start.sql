CREATE TABLE `api_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`team_id` text NOT NULL,
	`hash` text NOT NULL,
	`scopes` text NOT NULL,
	`label` text,
	`user_email` text,
	`attributes` text NOT NULL,
	`created_at` text NOT NULL,
	`expires_at` text,
	`revoked_at` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_hash` ON `api_keys` (`hash`);--> statement-breakpoint
CREATE INDEX `api_keys_team` ON `api_keys` (`team_id`,`id`);--> statement-breakpoint
CREATE TABLE `facts` (
	`team_id` text NOT NULL,
	`name` text NOT NULL,
	`value` text NOT NULL,
	`updated_at` text NOT NULL,
	PRIMARY KEY(`team_id`, `name`)
);
--> statement-breakpoint
CREATE TABLE `findings` (
	`id` integer PRIMARY KEY NOT NULL,
	`at` text NOT NULL,
	`team_id` text NOT NULL,
	`position` integer NOT NULL,
	`run_id` text NOT NULL,
	`kind` text NOT NULL,
	`repaired` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE INDEX `findings_team` ON `findings` (`team_id`,`id`);--> statement-breakpoint
CREATE TABLE `receipt_tags` (
	`team_id` text NOT NULL,
	`kind` text NOT NULL,
	`value` text NOT NULL,
	`position` integer NOT NULL,
	PRIMARY KEY(`team_id`, `kind`, `value`, `position`)
);
--> statement-breakpoint
CREATE INDEX `receipt_tags_position` ON `receipt_tags` (`team_id`,`position`);--> statement-breakpoint
CREATE TABLE `receipts` (
	`team_id` text NOT NULL,
	`run_id` text NOT NULL,
	`position` integer NOT NULL,
	`revision` integer NOT NULL,
	`workflow` text NOT NULL,
	`decision` text NOT NULL,
	`outcome` text NOT NULL,
	`user_email` text NOT NULL,
	`at` integer NOT NULL,
	`words` text NOT NULL,
	`body` text,
	`signatures` text NOT NULL,
	`place` text NOT NULL,
	PRIMARY KEY(`team_id`, `run_id`)
);
--> statement-breakpoint
CREATE INDEX `receipts_position` ON `receipts` (`team_id`,`position`);--> statement-breakpoint
CREATE INDEX `receipts_workflow` ON `receipts` (`team_id`,`workflow`,`position`);--> statement-breakpoint
CREATE INDEX `receipts_decision` ON `receipts` (`team_id`,`decision`,`position`);--> statement-breakpoint
CREATE INDEX `receipts_outcome` ON `receipts` (`team_id`,`outcome`,`position`);--> statement-breakpoint
CREATE INDEX `receipts_user` ON `receipts` (`team_id`,`user_email`,`position`);--> statement-breakpoint
CREATE INDEX `receipts_time` ON `receipts` (`team_id`,`at`);--> statement-breakpoint
CREATE TABLE `sealed` (
	`team_id` text NOT NULL,
	`run_id` text NOT NULL,
	`part` integer NOT NULL,
	`text` text NOT NULL,
	PRIMARY KEY(`team_id`, `run_id`, `part`)
);
--> statement-breakpoint
CREATE TABLE `teams` (
	`team_id` text PRIMARY KEY NOT NULL,
	`name` text,
	`parent` text,
	`created_by` text NOT NULL,
	`created_at` text NOT NULL,
	`reconcile_from` integer DEFAULT 0 NOT NULL,
	`reconciled_at` integer DEFAULT 0 NOT NULL
);
