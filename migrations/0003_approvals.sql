CREATE TABLE `approvals` (
	`team_id` text NOT NULL,
	`hitl_id` text NOT NULL,
	`workflow` text NOT NULL,
	`run_id` text,
	`status` text NOT NULL,
	`user_email` text NOT NULL,
	`created_at` text NOT NULL,
	`expires_at` text NOT NULL,
	`decided_at` text,
	`decided_by` text,
	PRIMARY KEY(`team_id`, `hitl_id`)
);
--> statement-breakpoint
CREATE INDEX `approvals_created` ON `approvals` (`team_id`,`created_at`,`hitl_id`);--> statement-breakpoint
CREATE TABLE `dev_outbox` (
	`id` text PRIMARY KEY NOT NULL,
	`at` text NOT NULL,
	`mail_to` text NOT NULL,
	`subject` text NOT NULL,
	`text` text NOT NULL,
	`html` text NOT NULL,
	`approve` text,
	`deny` text
);
--> statement-breakpoint
CREATE TABLE `slack_requests` (
	`signature` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `slack_requests_at` ON `slack_requests` (`at`);