CREATE TABLE `mcp_pins` (
	`team_id` text NOT NULL,
	`server` text NOT NULL,
	`tool` text NOT NULL,
	`pinned_digest` text NOT NULL,
	`pinned` text NOT NULL,
	`pinned_at` text NOT NULL,
	`seen_digest` text,
	`seen` text,
	`seen_at` text,
	PRIMARY KEY(`team_id`, `server`, `tool`)
);
