CREATE TABLE `shares` (
	`hash` text PRIMARY KEY NOT NULL,
	`share_id` text NOT NULL,
	`team_id` text NOT NULL,
	`run_id` text NOT NULL,
	`show` text NOT NULL,
	`shared_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE INDEX `shares_run` ON `shares` (`team_id`,`run_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `shares_id` ON `shares` (`team_id`,`share_id`);--> statement-breakpoint
DROP INDEX `receipts_user`;--> statement-breakpoint
DROP INDEX `receipts_time`;--> statement-breakpoint
ALTER TABLE `receipts` ADD `agent` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `receipts` ADD `api_key_id` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `receipts` ADD `run_mode` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `receipts` ADD `seq` integer DEFAULT -1 NOT NULL;--> statement-breakpoint
-- A body too long for its row says nothing here: the reconciler writes such rows anew.
UPDATE `receipts` SET `agent` = lower(`user_email`), `api_key_id` = coalesce(`body` ->> '$.actor.api_key_id', ''),
  `run_mode` = coalesce(`body` ->> '$.run_mode', ''), `seq` = coalesce(`place` ->> '$.seq', -1);--> statement-breakpoint
INSERT OR IGNORE INTO `receipt_tags` (`team_id`, `kind`, `value`, `position`)
  SELECT `team_id`, 'session', `body` ->> '$.actor.session_id', `position` FROM `receipts` WHERE `body` ->> '$.actor.session_id' IS NOT NULL;--> statement-breakpoint
INSERT OR IGNORE INTO `receipt_tags` (`team_id`, `kind`, `value`, `position`)
  SELECT `team_id`, 'link', link.value, `position`
  FROM `receipts`, json_each(json_array(`body` ->> '$.links.rollback_of', `body` ->> '$.links.rolled_back_by', `body` ->> '$.links.retried_as', `body` ->> '$.approval.hitl_id')) AS link
  WHERE `body` IS NOT NULL AND link.value IS NOT NULL;--> statement-breakpoint
CREATE INDEX `receipts_agent` ON `receipts` (`team_id`,`agent`,`position`);--> statement-breakpoint
CREATE INDEX `receipts_key` ON `receipts` (`team_id`,`api_key_id`,`position`);--> statement-breakpoint
CREATE INDEX `receipts_mode` ON `receipts` (`team_id`,`run_mode`,`position`);--> statement-breakpoint
CREATE INDEX `receipts_seq` ON `receipts` (`team_id`,`seq`,`position`);--> statement-breakpoint
CREATE INDEX `receipts_at` ON `receipts` (`team_id`,`at`,`decision`,`api_key_id`,`position`);