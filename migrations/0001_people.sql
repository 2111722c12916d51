CREATE TABLE `changes` (
	`team_id` text NOT NULL,
	`run_id` text NOT NULL,
	`body` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`team_id`, `run_id`)
);
--> statement-breakpoint
CREATE INDEX `changes_at` ON `changes` (`at`);--> statement-breakpoint
CREATE TABLE `people` (
	`team_id` text NOT NULL,
	`person_id` text NOT NULL,
	`body` text NOT NULL,
	`approver` integer NOT NULL,
	`escalation_order` integer NOT NULL,
	PRIMARY KEY(`team_id`, `person_id`)
);
--> statement-breakpoint
CREATE INDEX `people_approvers` ON `people` (`team_id`,`approver`,`escalation_order`,`person_id`);--> statement-breakpoint
CREATE TABLE `person_addresses` (
	`team_id` text NOT NULL,
	`address` text NOT NULL,
	`person_id` text NOT NULL,
	PRIMARY KEY(`team_id`, `address`)
);
--> statement-breakpoint
CREATE INDEX `person_addresses_person` ON `person_addresses` (`team_id`,`person_id`);