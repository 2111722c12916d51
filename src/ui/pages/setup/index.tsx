// The page `setup`.

export default function Page() {
  return <h1>setup</h1>
}
