// The page `locks`.

export default function Page() {
  return <h1>locks</h1>
}
