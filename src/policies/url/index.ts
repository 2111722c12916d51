// The url family.
export { blockDnsExfilDomains } from './block_dns_exfil_domains.ts'
export { blockRawIpUrls } from './block_raw_ip_urls.ts'
export { blockSuspiciousTlds } from './block_suspicious_tlds.ts'
export { requireHttps } from './require_https.ts'
export { webfetchDomainAllowlist } from './webfetch_domain_allowlist.ts'
