CREATE TABLE `unfinished_runs` (
	`team_id` text NOT NULL,
	`run_id` text NOT NULL,
	`due_at` integer NOT NULL,
	PRIMARY KEY(`team_id`, `run_id`)
);
--> statement-breakpoint
CREATE INDEX `unfinished_runs_due` ON `unfinished_runs` (`due_at`);